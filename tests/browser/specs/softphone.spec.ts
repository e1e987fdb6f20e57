// A softphone that others wrote registers with its password, is called, talks, holds, and the call is over; and a
// program that others wrote finds nothing wrong in any packet of it.

import { createSocket } from "node:dgram";
import { expect, test } from "vitest";
import { setPresence } from "../support/agent";
import { Baresip, toneFile } from "../support/baresip";
import { Capture } from "../support/capture";
import { Daemon, TRUNK } from "../support/daemon";
import { MEDIA_PORTS, udpPort } from "../support/ports";
import { Ear, loudness, tone, toneShare, toneShareOf } from "../support/rtp";
import { Caller } from "../support/sipp";
import { until } from "../support/until";

const PCMA = 8;
/** What the phone says, and the caller. */
const PHONE_HZ = 440;
const CALLER_HZ = 1_000;
/** Half a second of sound. */
const ENOUGH = 25;
const ENOUGH_SAMPLES = 4_000;
/** More than a test lasts. */
const SPEECH = 3_000;

const mayCapture = Capture.isPermitted();

test.each(["udp", "tcp"] as const)("baresip registers by %s, is heard and hears, holds, and hangs up", async (transport) => {
  const daemon = await Daemon.start({ people: [{ name: "ben", phone: "ben", voiceOnly: true }] });
  const media = [daemon.mediaPort, daemon.mediaPort + MEDIA_PORTS - 1] as const;
  if (!mayCapture) console.warn("nobody looks at the packets: dumpcap may not record (root, or group wireshark)");
  const capture = mayCapture ? await Capture.of({ sip: daemon.sipPort, media }) : null;
  const ear = await Ear.open(TRUNK);
  const phone = await Baresip.registered(daemon, "ben", toneFile(PHONE_HZ), { transport });
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon, "4917012345", ear.port, PCMA);
  void ear.play(tone(CALLER_HZ, SPEECH), await caller.taken(), PCMA);
  const latest = (): Buffer[] => ear.heard.slice(-ENOUGH).map(({ payload }) => payload);
  const isPhone = (): boolean => toneShare(latest(), PHONE_HZ) > 0.95 && loudness(latest()) > 0.1;
  const isMusic = (): boolean => toneShare(latest(), PHONE_HZ) < 0.5 && loudness(latest()) > 0.001;
  await phone.saw("CALL_INCOMING");
  await until("the waiting music", () => ear.heard.length >= ENOUGH && isMusic());

  phone.answer();
  await phone.saw("CALL_ESTABLISHED");
  await until("the phone's tone", isPhone);
  const spoken = ear.listen();
  await until("a second of talk", () => spoken().length > 2 * ENOUGH);
  phone.hold();
  await until("music on hold", isMusic);
  phone.resume();
  await until("the phone's tone again", isPhone);

  // One of them hangs up, the other hears of it.
  if (transport === "udp") {
    phone.hangUp();
    expect(await caller.ended()).toBe(0);
    expect(caller.did("bye received")).toHaveLength(1);
  } else {
    await caller.hangUp();
    expect(await caller.ended()).toBe(0);
  }
  await phone.saw("CALL_CLOSED");
  await until("the caller's tone, in what the phone heard", () => {
    const samples = phone.heard();
    const starts = Array.from({ length: Math.floor(samples.length / ENOUGH_SAMPLES) }, (_, at) => at * ENOUGH_SAMPLES);
    return starts.some((at) => toneShareOf(samples.slice(at, at + ENOUGH_SAMPLES), CALLER_HZ) > 0.95);
  });

  if (capture === null) return;
  await capture.stop();
  for (const protocol of ["sip", "sdp", "rtp"]) expect(capture.count(protocol), protocol).toBeGreaterThan(4);
  expect(capture.count(`sip && ${transport} && sip.Method == "REGISTER"`)).toBeGreaterThan(1);
  expect(capture.faults()).toEqual([]);
});

test.skipIf(!mayCapture)("a packet that is broken on purpose is found", async () => {
  const [sip, media] = [await udpPort(), await udpPort()];
  const capture = await Capture.of({ sip, media: [media, media] });
  const socket = createSocket("udp4");
  const send = (packet: Buffer, port: number): Promise<void> =>
    new Promise((resolve) => socket.send(packet, port, "127.0.0.1", () => resolve()));
  const rtp = Buffer.alloc(172);
  rtp.writeUInt16BE(0x8008, 0);
  const options = Buffer.from(
    "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKc\r\nFrom: <sip:a@b>;tag=a\r\nTo: <sip:c@b>\r\n" +
      "Call-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
  );
  await send(rtp, media);
  await send(options, sip);
  // It says that 15 sources follow, and ends there.
  await send(Buffer.concat([Buffer.from([0x8f]), rtp.subarray(1, 20)]), media);
  await send(options.subarray(0, options.indexOf("l-ID")), sip);
  socket.close();
  await until("all four are recorded", async () => capture.count("udp") === 4);
  await capture.stop();
  expect(capture.faults().map((line) => line.split("\t")[0])).toEqual(["RTP", "SIP"]);
});
