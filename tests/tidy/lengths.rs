//! A function fits a screen.

use super::modules::modules;

/// So many lines, from the one that names it to its last brace.
const LINES_MAX: usize = 70;

/// Tables, which are looked things up in and not read from top to bottom.
const TABLES: [(&str, &str, &str); 1] =
    [("domain/src/company/german.rs", "german", "a sentence for each reason, of which the compiler wants all")];

/// The functions that are too long, each with its lines; what stands within one counts for both. The sources are
/// formatted, so a function ends with the first brace that stands as far in as its name.
fn too_long<'a>(text: &'a str) -> Vec<(&'a str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let of_line = |(start, line): (usize, &&'a str)| {
        let line = *line;
        let head = line.trim_start();
        let indent = &line[..line.len() - head.len()];
        let (before, after) = head.split_once("fn ")?;
        let is_function = ["", "pub", "const ", "async "].iter().any(|first| match *first {
            "" => before.is_empty(),
            first => before.starts_with(first) && before.ends_with(' '),
        });
        let ends = |line: &&str| {
            let rest = line.strip_prefix(indent).unwrap_or_default();
            rest == "}" || rest.starts_with(')') && rest.ends_with(';')
        };
        let length = match line.ends_with(['}', ';']) {
            true => 1,
            false => lines[start..].iter().position(ends)? + 1,
        };
        let name = after.split(['(', '<']).next()?;
        (is_function && length > LINES_MAX).then_some((name, length))
    };
    lines.iter().enumerate().filter_map(of_line).collect()
}

#[test]
fn a_function_fits_a_screen() {
    let modules: Vec<_> = ["domain/src", "sip/src", "src"].into_iter().flat_map(modules).collect();
    let of_module = |module: &super::modules::Module| {
        let is_table =
            |name: &str| TABLES.iter().any(|(file, function, _)| module.file.ends_with(file) && *function == name);
        let long = too_long(&module.text).into_iter().filter(|(name, _)| !is_table(name));
        long.map(|(name, lines)| format!("{}: {name} has {lines}", module.file.display())).collect::<Vec<_>>()
    };
    let found: Vec<_> = modules.iter().flat_map(of_module).collect();
    assert!(found.is_empty(), "more than {LINES_MAX} lines:\n{}", found.join("\n"));
}

#[test]
fn a_function_that_is_too_long_is_found_wherever_it_stands() {
    let function = |head: &str, count: usize, indent: &str| {
        let lines = format!("{indent}    f();\n").repeat(count);
        format!("{indent}{head} {{\n{lines}{indent}}}\n")
    };
    let text = [
        function("fn fits()", LINES_MAX - 2, ""),
        function("pub(in crate::actors) async fn free<T>()", LINES_MAX - 1, ""),
        "trait T {\n    fn asked(\n        &self,\n    ) -> T;\n    fn asked_shortly();\n".to_owned(),
        function("fn given(&self)", LINES_MAX, "    "),
        "}\n".to_owned(),
        function("fn outer()", 2 * LINES_MAX, "").replacen("    f();\n", &function("fn inner()", LINES_MAX, "    "), 1),
    ];
    let lines = 2 * LINES_MAX + 2 + LINES_MAX + 1;
    assert_eq!(too_long(&text.concat()), [("free", 71), ("given", 72), ("outer", lines), ("inner", 72)]);
}
