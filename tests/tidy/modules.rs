//! The files of a crate as modules, without what only its tests have, and the paths that they write out.

use super::sources;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of sources.
pub struct Module {
    /// Where it stands in its crate: `["actors", "floor"]`; empty for the crate itself.
    pub path: Vec<String>,
    pub file: PathBuf,
    pub text: String,
}

/// All files under `folder`, which is a crate's `src`.
pub fn modules(folder: &str) -> Vec<Module> {
    let (mut modules, mut for_tests) = (vec![], vec![]);
    for (file, text) in sources(folder) {
        let path = place(file.strip_prefix(folder).unwrap());
        let (mut kept, mut lines) = (String::new(), text.lines());
        while let Some(line) = lines.next() {
            if line != "#[cfg(test)]" {
                kept += &format!("{line}\n");
                continue;
            }
            let item = lines.next().unwrap();
            match item.strip_prefix("mod ").and_then(|module| module.strip_suffix(';')) {
                Some(module) => for_tests.push([&path[..], &[module.to_owned()]].concat()),
                // An item of several lines ends with a brace in the first column.
                None if item.ends_with('{') => _ = lines.by_ref().find(|line| *line == "}"),
                None => {}
            }
        }
        modules.push(Module { path, file, text: kept });
    }
    modules.retain(|module| !for_tests.iter().any(|tests| module.path.starts_with(tests)));
    modules
}

fn place(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

/// Every path that a file writes out, and what its `use` items call whatever they bring.
#[derive(Default)]
pub struct Paths {
    pub all: Vec<Vec<String>>,
    pub named: BTreeMap<String, Vec<String>>,
}

impl Paths {
    pub fn of(text: &str) -> Paths {
        let mut paths = Paths::default();
        let mut lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        while let Some(line) = lines.next() {
            let is_use = line.starts_with("use ") || line.starts_with("pub") && line.contains(" use ");
            if !is_use {
                paths.add_all(line);
                continue;
            }
            let mut tree = line.split_once("use ").unwrap().1.to_owned();
            while !tree.ends_with(';') {
                tree += lines.next().unwrap();
            }
            paths.add_tree("", tree.trim_end_matches(';'));
        }
        paths
    }

    fn add_all(&mut self, line: &str) {
        let words = line.split(|letter: char| !letter.is_alphanumeric() && !['_', ':'].contains(&letter));
        let paths = words.filter(|word| ["crate::", "self::", "super::"].iter().any(|first| word.starts_with(first)));
        self.all.extend(paths.map(parts));
    }

    fn add_tree(&mut self, before: &str, tree: &str) {
        let tree = tree.trim();
        if let Some((path, group)) = tree.split_once('{') {
            let mut depth = 0;
            let outermost = |letter: char| {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                letter == ',' && depth == 0
            };
            let group = group.strip_suffix('}').unwrap();
            group.split(outermost).for_each(|tree| self.add_tree(&format!("{before}{path}"), tree));
        } else if !tree.is_empty() {
            let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
            let path = parts(&format!("{before}{path}"));
            self.named.extend(path.last().map(|last| (name.unwrap_or(last).to_owned(), path.clone())));
            self.all.push(path);
        }
    }
}

/// A path's parts; what is brought by a star or as itself is what stands before it.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split("::").filter(|part| !part.is_empty()).map(str::to_owned);
    let mut parts: Vec<String> = parts.collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "*" || last == "self") {
        parts.pop();
    }
    parts
}
