//! A packet on an RTP port.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_fuzz::g722(bytes));
