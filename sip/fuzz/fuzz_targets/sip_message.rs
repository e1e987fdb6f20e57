//! A datagram from anyone to the user agent.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_fuzz::sip_message(bytes));
