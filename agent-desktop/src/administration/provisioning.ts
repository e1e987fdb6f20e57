// What a phone has to be told to register, as a text to copy: the words are those of phones' own screens.

import type { Installation } from "../../../web-shared/src/protocol/rest";

export interface PhoneAccount {
  readonly user: string;
  readonly password: string;
  readonly name: string;
}

export function provisioning({ user, password, name }: PhoneAccount, { sip, sip_realm }: Pick<Installation, "sip" | "sip_realm">): string {
  const [first] = sip;
  const transports = [...new Set(sip.map(({ transport }) => transport.toUpperCase()))].join(", ");
  return [
    `Display name: ${name}`,
    `SIP server / registrar: ${first === undefined ? "" : `${first.host}:${first.port}`}`,
    `Transport: ${transports}`,
    `User name: ${user}`,
    `Authentication name: ${user}`,
    `Password: ${password}`,
    `Realm: ${sip_realm}`,
  ].join("\n");
}
