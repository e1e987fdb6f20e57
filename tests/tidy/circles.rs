//! Files know each other in one direction. A file and those in its own folder are one subject told in parts: between them
//! both directions are fine.

use super::modules::{Module, Paths, modules};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Path = Vec<String>;

/// For each file those that it names, but its own folder's and the one whose folder it is in.
fn names(modules: &[Module]) -> BTreeMap<Path, BTreeSet<Path>> {
    let paths: BTreeMap<&Path, Paths> = modules.iter().map(|module| (&module.path, Paths::of(&module.text))).collect();
    let related = |one: &Path, other: &Path| one.starts_with(other) || other.starts_with(one);
    let names = |file: &Path| {
        let found = paths[file].all.iter().filter_map(|path| find(&paths, file, path, 0));
        found.filter(|other| !related(file, other)).collect()
    };
    modules.iter().map(|module| (module.path.clone(), names(&module.path))).collect()
}

/// The file in which what a path names stands; through files that only pass it on.
fn find(files: &BTreeMap<&Path, Paths>, from: &Path, path: &[String], passed: usize) -> Option<Path> {
    let (first, mut rest) = path.split_first()?;
    let mut place = match first.as_str() {
        "crate" => vec![],
        "self" => from.clone(),
        "super" => from[..from.len().checked_sub(1)?].to_vec(),
        _ => {
            rest = path;
            from.clone()
        }
    };
    while let Some((next, after)) = rest.split_first() {
        let inner = [&place[..], std::slice::from_ref(next)].concat();
        if next == "super" {
            place.pop()?;
        } else if files.contains_key(&inner) {
            place = inner;
        } else if let (true, Some(other)) = (passed < 8 && place != *from, files.get(&place)?.named.get(next)) {
            return find(files, &place, other, passed + 1).or(Some(place));
        } else {
            break;
        }
        rest = after;
    }
    (place != *from && files.contains_key(&place)).then_some(place)
}

/// The shortest circle through each file that is in one, as people read it.
fn circles(names: &BTreeMap<Path, BTreeSet<Path>>) -> Vec<String> {
    let through = |start: &Path| {
        let mut came_from: BTreeMap<&Path, &Path> = BTreeMap::new();
        let mut next: VecDeque<&Path> = [names.get_key_value(start)?.0].into();
        while let Some(file) = next.pop_front() {
            for other in &names[file] {
                if came_from.contains_key(other) {
                    continue;
                }
                came_from.insert(other, file);
                if other == start {
                    let mut way = vec![start.join("::")];
                    let mut file = file;
                    while file != start {
                        way.push(file.join("::"));
                        file = came_from[file];
                    }
                    way.push(start.join("::"));
                    way.reverse();
                    return Some(way.join(" -> "));
                }
                next.push_back(other);
            }
        }
        None
    };
    names.keys().filter_map(through).collect()
}

#[test]
fn files_know_each_other_in_one_direction() {
    let names = names(&modules("src"));
    for known in ["actors::shell", "actors::floor::post", "store::writer", "web::rest::calls"] {
        let known: Path = known.split("::").map(str::to_owned).collect();
        assert!(!names[&known].is_empty(), "{known:?} names other files");
    }
    let circles = circles(&names);
    assert!(circles.is_empty(), "files in a circle:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found_also_through_names_that_are_passed_on() {
    let module = |path: &str, text: &str| Module {
        path: path.split("::").map(str::to_owned).collect(),
        file: path.into(),
        text: text.replace("; ", ";\n"),
    };
    let files = [
        module("room", "mod door; mod key; pub use key::Key;"),
        module("room::door", "use super::Key; fn open(by: crate::hand::Hand) {}"),
        module("room::key", ""),
        module("hand", "use crate::glove::{self, Glove as Warm};"),
        module("glove", "use crate::room::Key;"),
    ];
    assert_eq!(circles(&names(&files)), [""; 0], "whoever owns the door and its key is not in their way");
    let key_knows_the_hand = module("room::key", "use super::super::hand;");
    let files: Vec<_> =
        files.into_iter().filter(|module| module.path != ["room", "key"]).chain([key_knows_the_hand]).collect();
    assert_eq!(
        circles(&names(&files)),
        [
            "glove -> room::key -> hand -> glove",
            "hand -> glove -> room::key -> hand",
            "room::key -> hand -> glove -> room::key",
        ]
    );
}
