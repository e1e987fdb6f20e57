//! The zone in whose time a company lives.
//! The zones are those that were known when this was built, never those of the machine.

use crate::contact::Country;
use jiff::tz::TimeZone;
use std::fmt;

/// A time zone that is known (IANA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(String);

impl Zone {
    /// The zone of this name, as `Europe/Berlin`, in whatever case; `None` if it is not known.
    pub fn of(name: &str) -> Option<Zone> {
        let zone = TimeZone::get(name).ok()?;
        zone.iana_name().map(|name| Zone(name.to_owned()))
    }

    /// The one in which most people of a country live.
    pub fn usual_in(country: Country) -> Zone {
        let name = match country.letters {
            "AT" => "Europe/Vienna",
            "BE" => "Europe/Brussels",
            "BG" => "Europe/Sofia",
            "CA" => "America/Toronto",
            "CH" => "Europe/Zurich",
            "CZ" => "Europe/Prague",
            "DK" => "Europe/Copenhagen",
            "ES" => "Europe/Madrid",
            "FI" => "Europe/Helsinki",
            "FR" => "Europe/Paris",
            "GB" => "Europe/London",
            "GR" => "Europe/Athens",
            "HR" => "Europe/Zagreb",
            "HU" => "Europe/Budapest",
            "IE" => "Europe/Dublin",
            "IT" => "Europe/Rome",
            "LI" => "Europe/Vaduz",
            "LU" => "Europe/Luxembourg",
            "NL" => "Europe/Amsterdam",
            "NO" => "Europe/Oslo",
            "PL" => "Europe/Warsaw",
            "PT" => "Europe/Lisbon",
            "RO" => "Europe/Bucharest",
            "SE" => "Europe/Stockholm",
            "SI" => "Europe/Ljubljana",
            "SK" => "Europe/Bratislava",
            "TR" => "Europe/Istanbul",
            "US" => "America/New_York",
            _ => "Europe/Berlin",
        };
        Zone(name.to_owned())
    }

    /// All that are known, by name.
    pub fn all() -> Vec<String> {
        let names = jiff::tz::db().available().map(|name| name.to_string());
        // The rest are other names of these, and clocks that nobody lives by.
        let mut names: Vec<String> = names.filter(|name| name.contains('/') && !name.starts_with("Etc/")).collect();
        names.push("UTC".to_owned());
        names.sort_unstable();
        names
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn time_zone(&self) -> TimeZone {
        // Only what is known was taken in.
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_zone_that_is_known_and_other_names_have_none() {
        for letters in Country::letters() {
            let zone = Zone::usual_in(Country::of(letters).unwrap());
            assert_eq!(Zone::of(zone.as_str()), Some(zone.clone()), "{letters}");
        }
        assert_eq!(Zone::of("europe/berlin").unwrap().as_str(), "Europe/Berlin");
        for none in ["", "Berlin", "CEST+2", "Europe/Atlantis", "../etc/passwd"] {
            assert_eq!(Zone::of(none), None, "{none}");
        }
        let all = Zone::all();
        assert!(all.iter().all(|name| Zone::of(name).is_some()) && all.contains(&"Asia/Kolkata".to_owned()), "{all:?}");
    }
}
