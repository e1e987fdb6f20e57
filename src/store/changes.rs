//! What differs between two readings of a company, in words for whoever runs the daemon.
//! Never says more than which things: no token, no password, no telephone number of a person.

use super::rows::FloorRows;

impl FloorRows {
    /// What is new, changed or gone in `after`, a line each, such as `queue Sales: changed`.
    pub fn changes(&self, after: &FloorRows) -> Vec<String> {
        let mut lines = vec![];
        if self.company != after.company {
            lines.push(format!("company {}: changed", after.company.name));
        }
        compare("queue", &self.queues, &after.queues, |row| &row.name, &mut lines);
        compare("break reason", &self.break_reasons, &after.break_reasons, |row| &row.name, &mut lines);
        compare("agent", &self.agents, &after.agents, |row| &row.login_name, &mut lines);
        compare("number", &self.numbers, &after.numbers, |row| &row.number, &mut lines);
        compare("trunk", &self.trunks, &after.trunks, |row| &row.name, &mut lines);
        compare("chat_service", &self.services, &after.services, |row| &row.name, &mut lines);
        lines
    }
}

fn compare<T: PartialEq>(what: &str, before: &[T], after: &[T], name: fn(&T) -> &String, lines: &mut Vec<String>) {
    for row in after {
        match before.iter().find(|known| name(known) == name(row)) {
            None => lines.push(format!("{what} {}: new", name(row))),
            Some(known) if known != row => lines.push(format!("{what} {}: changed", name(row))),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|known| !after.iter().any(|row| name(row) == name(known)));
    lines.extend(gone.map(|row| format!("{what} {}: gone", name(row))));
}
