//! Tells cargo what else the daemon is made of: the migrations and the built web applications.

fn main() {
    for folder in ["migrations", "web-widget/dist", "agent-desktop/dist", "demo"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
