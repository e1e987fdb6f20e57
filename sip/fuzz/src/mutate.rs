//! Messages mutilated by dice that fall alike in every run.
//! Never makes one up: it begins with those in `seeds`.

/// xorshift64: the same story in every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides.max(1)
    }

    /// One of them.
    pub fn of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.roll(things.len())]
    }
}

const SPICE: &[&[u8]] = &[
    b"\r\n",
    b"\r\n ",
    b"\r\n\r\n",
    b"\r",
    b"\n",
    b",",
    b";",
    b";;",
    b"\"",
    b"\\",
    b"<",
    b">",
    b":",
    b":::",
    b"@",
    b"=",
    b"?",
    b"%",
    b"%00",
    b"[",
    b"]",
    b"/",
    b" ",
    b"\t",
    b"\0",
    b"\xff\xfe",
    b"\xef\x9e\x80",
    b"\xc3",
    b"--",
    b"*",
    b"+",
    b"-",
];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "00000000000000000000000001",
    "1e9",
    "",
];

/// Changes a message a little, or much.
pub fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    for _ in 0..dice.roll(5) {
        if bytes.is_empty() {
            bytes.push(b'x');
        }
        let (one, two) = (dice.roll(bytes.len()), dice.roll(bytes.len()));
        let (from, to) = (one.min(two), one.max(two));
        match dice.roll(11) {
            0 => bytes[from] ^= 1 << dice.roll(8),
            1 => bytes[from] = dice.roll(256) as u8,
            2 => drop(bytes.drain(from..(from + dice.roll(20)).min(bytes.len()))),
            3 => drop(bytes.splice(from..from, dice.of(SPICE).iter().copied())),
            4 if dice.roll(4) == 0 => bytes.truncate(from),
            // A piece again, somewhere else.
            5 => {
                let piece = bytes[from..to.min(from + 400)].to_vec();
                let at = dice.roll(bytes.len());
                drop(bytes.splice(at..at, piece));
            }
            // The end of another message.
            6 => {
                let other = dice.of(seeds);
                bytes.truncate(from);
                bytes.extend_from_slice(&other[dice.roll(other.len())..]);
            }
            7 => double_a_line(dice, bytes),
            8 => replace_a_number(dice, bytes),
            // Very much of something, now and then.
            9 if dice.roll(40) == 0 => {
                let much = dice.of(SPICE).repeat(dice.roll(20_000));
                drop(bytes.splice(from..from, much));
            }
            _ => bytes.swap(from, to),
        }
    }
}

fn double_a_line(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.len() > 2 {
        let (line, at) = (dice.of(&lines[1..]).clone(), 1 + dice.roll(lines.len() - 1));
        let times = if dice.roll(50) == 0 { 250 } else { 1 };
        *bytes = [lines[..at].concat(), line.repeat(times), lines[at..].concat()].concat();
    }
}

fn replace_a_number(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let starts: Vec<usize> =
        (1..bytes.len()).filter(|at| bytes[*at].is_ascii_digit() && !bytes[at - 1].is_ascii_alphanumeric()).collect();
    if starts.is_empty() {
        return;
    }
    let start = *dice.of(&starts);
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    drop(bytes.splice(start..start + length, dice.of(NUMBERS).bytes()));
}
