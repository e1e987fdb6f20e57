//! Where the demo lives: its ports and its directory.
//! Never moves away from a port that was asked for by name; only the usual ones are given up when they are taken.

use super::DemoError;
use crate::cli;
use crate::config::Config;
use sip::Transport;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::{env, fs, io};

/// How many ports after the usual one are tried before any is taken.
const NEIGHBOURS: u16 = 20;

/// The demo's place; what was made for it is removed when it is left.
pub(super) struct Place {
    made: Option<PathBuf>,
}

impl Place {
    /// Finds free ports and makes the directory, and writes both into the settings.
    pub(super) fn take(config: &mut Config, options: &cli::Demo) -> Result<Place, DemoError> {
        let usual = Config::parse(super::SETTINGS)?;
        let choose = |listen: &mut SocketAddr, usual: Option<SocketAddr>, wish: Option<u16>, option, bind| {
            listen.set_port(wish.unwrap_or(listen.port()));
            let is_movable = wish.is_none() && Some(*listen) == usual;
            *listen = free(*listen, is_movable, option, bind)?;
            io::Result::Ok(())
        };
        choose(&mut config.http.listen, Some(usual.http.listen), options.http, "--http", bind_tcp)?;
        let usual = usual.sip.listen.first().map(|listen| listen.address);
        for listen in &mut config.sip.listen {
            let bind = match listen.transport {
                Transport::Udp => bind_udp,
                Transport::Tcp => bind_tcp as Bind,
            };
            choose(&mut listen.address, usual, options.sip, "--sip", bind)?;
        }
        if let Some(ports) = options.media {
            config.media.ports = ports;
        }
        let listen = config.sip.listen.iter().map(|listen| ("sip.listen", listen.address.ip()));
        for (key, address) in listen.chain([("media.address", config.media.address)]) {
            if !matches!(address, IpAddr::V4(address) if address.is_loopback()) {
                return Err(DemoError::NotLoopback { key, address });
            }
        }
        let made = if options.data.is_none() { Some(new_directory()?) } else { None };
        let data = made.as_ref().or(options.data.as_ref()).cloned().unwrap_or_default();
        config.store.path = data.join("vorrang.db");
        Ok(Place { made })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.made.as_ref().map(fs::remove_dir_all) {
            tracing::warn!(%error, "the demo's directory was not removed");
        }
    }
}

/// A directory that nobody else has or can read.
fn new_directory() -> io::Result<PathBuf> {
    let path = env::temp_dir().join(format!("vorrang-demo-{:016x}", rand::random::<u64>()));
    fs::DirBuilder::new().mode(0o700).create(&path).map_err(|error| {
        io::Error::new(error.kind(), format!("make {}: {error} (choose another with --data)", path.display()))
    })?;
    Ok(path)
}

type Bind = fn(SocketAddr) -> io::Result<SocketAddr>;

fn bind_tcp(address: SocketAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(address)?.local_addr()
}

fn bind_udp(address: SocketAddr) -> io::Result<SocketAddr> {
    UdpSocket::bind(address)?.local_addr()
}

/// An address that is free right now: the wanted one, or else one with another port.
fn free(wanted: SocketAddr, is_movable: bool, option: &str, bind: Bind) -> io::Result<SocketAddr> {
    let with = |port| SocketAddr::new(wanted.ip(), port);
    match bind(wanted) {
        Err(error) if is_movable && error.kind() == io::ErrorKind::AddrInUse => {
            let neighbours = (1..=NEIGHBOURS).filter_map(|step| wanted.port().checked_add(step));
            neighbours.chain([0]).find_map(|port| bind(with(port)).ok()).ok_or(error)
        }
        bound => bound,
    }
    .map_err(|error| io::Error::new(error.kind(), format!("bind {wanted}: {error} (choose another with {option})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_port_that_is_taken_is_left_and_one_that_was_asked_for_is_not() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let other = free(address, true, "--http", bind_tcp).unwrap();
        assert_ne!(other, address);
        let refused = free(address, false, "--http", bind_tcp).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("bind {address}: ")), "{refused}");
        assert!(refused.ends_with("(choose another with --http)"), "{refused}");
    }
}
