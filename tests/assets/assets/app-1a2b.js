document.title = "A script that has its hash in its name";
