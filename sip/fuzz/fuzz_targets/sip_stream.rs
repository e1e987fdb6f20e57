//! A TCP stream in pieces.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_fuzz::sip_stream(bytes));
