//! The daemon's own description of its API, and whether its answers are as it says.
//! Knows no more of JSON schemas than that description uses: anything else in it fails.

use super::client::{Answer, ask};
use super::company;
use crate::process::Daemon;
use actix_web::http::Method;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// What `GET /api/v1/openapi.json` says.
pub struct Document(pub Value);

impl Document {
    /// As a running daemon serves it.
    pub fn of(http: SocketAddr) -> Document {
        Document(ask(http, "GET /api/v1/openapi.json", "", "").json())
    }

    /// What is said of `GET /api/v1/queues`; nothing of what is no part of the API.
    pub fn operation(&self, line: &str) -> Option<&Value> {
        let (method, path) = line.split_once(" /api/v1")?;
        let operation = &self.0["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{line} is not described");
        Some(operation)
    }

    /// An answer has a status that is described for this address, and its body the shape of that.
    pub fn check(&self, line: &str, answer: &Answer) {
        let Some(operation) = self.operation(line) else { return };
        let described = &operation["responses"][answer.status.to_string()];
        assert!(described.is_object(), "{line}: {} is not described: {}", answer.status, answer.text());
        let Some(contents) = described["content"].as_object() else {
            return assert!(answer.body.is_empty(), "{line}: {answer:?}");
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap();
        let content = contents.get(kind).unwrap_or_else(|| panic!("{line}: `{kind}` is not described: {answer:?}"));
        if kind.ends_with("json") && content["schema"].is_object() {
            self.fits(&content["schema"], &answer.json()).unwrap_or_else(|why| panic!("{line}: {why}"));
        }
    }

    /// Whether a value has a shape; if not, where and why.
    pub fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let schema = schema.as_object().ok_or_else(|| format!("{schema} is no schema"))?;
        for (word, what) in schema {
            match word.as_str() {
                "description" | "format" | "example" | "default" => Ok(()),
                "$ref" => {
                    let pointer = what.as_str().unwrap().trim_start_matches('#');
                    self.fits(self.0.pointer(pointer).ok_or_else(|| format!("{what} is not there"))?, value)
                }
                "type" => is_one_of(what, value),
                "enum" => holds(what.as_array().unwrap().contains(value), what, value),
                "minimum" => holds(value.as_f64().is_none_or(|number| number >= what.as_f64().unwrap()), what, value),
                "oneOf" => {
                    let fitting = what.as_array().unwrap().iter().filter(|one| self.fits(one, value).is_ok());
                    holds(fitting.count() == 1, what, value)
                }
                "allOf" => what.as_array().unwrap().iter().try_for_each(|one| self.fits(one, value)),
                "items" => value.as_array().into_iter().flatten().try_for_each(|one| self.fits(what, one)),
                "required" => {
                    let missing =
                        what.as_array().unwrap().iter().find(|name| value.get(name.as_str().unwrap()).is_none());
                    missing.map_or(Ok(()), |name| Err(format!("{name} is missing in {value}")))
                }
                "properties" => self.fields(what.as_object().unwrap(), value),
                "additionalProperties" => {
                    assert_eq!(what, false, "another use of {word}");
                    Ok(())
                }
                other => panic!("`{other}` is not understood"),
            }?;
        }
        Ok(())
    }

    /// Each field has its shape, and there is none that is not described.
    fn fields(&self, described: &Map<String, Value>, value: &Value) -> Result<(), String> {
        let Some(fields) = value.as_object() else { return Ok(()) };
        fields.iter().try_for_each(|(name, value)| match described.get(name) {
            Some(schema) => self.fits(schema, value).map_err(|why| format!("{name}: {why}")),
            None => Err(format!("{name} is not described")),
        })
    }
}

fn holds(is_so: bool, expected: &Value, value: &Value) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(format!("expected {expected}, found {value}")) }
}

fn is_one_of(types: &Value, value: &Value) -> Result<(), String> {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    };
    let fits = types.as_array().map_or_else(|| is(types), |types| types.iter().any(is));
    holds(fits, types, value)
}

#[test]
fn what_has_another_shape_is_found() {
    let shape = serde_json::json!({
        "type": "object", "required": ["queue", "kind"], "properties": {
            "queue": { "type": "integer", "minimum": 0 },
            "kind": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Kind" }] },
            "names": { "type": "array", "items": { "type": ["string", "null"] } },
        },
    });
    let document = Document(
        serde_json::json!({ "components": { "schemas": { "Kind": { "type": "string", "enum": ["call"] } } } }),
    );
    #[rustfmt::skip]
    let rows = [
        (r#"{"queue":1,"kind":"call"}"#,                         true),
        (r#"{"queue":1,"kind":null,"names":["a",null]}"#,        true),
        (r#"{"queue":-1,"kind":"call"}"#,                        false),
        (r#"{"queue":"1","kind":"call"}"#,                       false),
        (r#"{"queue":1,"kind":"chat"}"#,                         false),
        (r#"{"queue":1}"#,                                       false),
        (r#"{"queue":1,"kind":null,"names":[1]}"#,               false),
        (r#"{"queue":1,"kind":null,"more":1}"#,                  false),
        ("[]",                                                   false),
    ];
    for (value, fits) in rows {
        let found = document.fits(&shape, &serde_json::from_str(value).unwrap());
        assert_eq!(found.is_ok(), fits, "{value}: {found:?}");
    }
}

/// Each operation: its method and path, and all that is said of it.
fn described(Document(document): &Document) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{} /api/v1{path}", method.to_uppercase()), operation))
    });
    operations.collect()
}

/// The texts between two others.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> BTreeSet<&'a str> {
    text.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

#[test]
fn every_address_of_the_api_is_described_and_nothing_else_is() {
    let document = Document::of(Daemon::of(&company(0, ""), &[], None).http);
    assert_eq!(document.0["openapi"], "3.1.0");
    let described = described(&document);
    let routed = vorrang::web::addresses().into_iter().filter(|(path, _)| path.starts_with("/api/"));
    let routed = routed.flat_map(|(path, methods)| {
        let said = methods.into_iter().filter(|method| method != Method::HEAD);
        said.map(move |method| format!("{method} {path}")).collect::<Vec<_>>()
    });
    assert_eq!(described.iter().map(|(line, _)| line.clone()).collect::<BTreeSet<_>>(), routed.collect());
    let ids: BTreeSet<_> = described.iter().map(|(_, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), described.len(), "programs are generated with these names");
    for (line, operation) in described {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters.filter(|one| one["in"] == "path" && one["required"] == true);
        let in_path: BTreeSet<_> = in_path.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(in_path, between(&line, "{", "}"), "{line}");
    }
    let text = document.0.to_string();
    for name in between(&text, "#/components/schemas/", "\"") {
        assert!(document.0["components"]["schemas"][name].is_object(), "{name}");
    }
}
