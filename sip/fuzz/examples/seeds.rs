//! Writes the seed corpus where cargo-fuzz looks for it.

use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [
        ("sip_message", sip_fuzz::seeds::messages()),
        ("sip_stream", sip_fuzz::seeds::streams()),
        ("sdp", sip_fuzz::seeds::descriptions()),
        ("rtp", sip_fuzz::seeds::packets()),
        ("g722", sip_fuzz::seeds::packets()),
    ] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
    }
    Ok(())
}
