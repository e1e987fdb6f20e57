// A file on its way to the daemon: sent again after every cut until it is answered, under one number, so that it is one message.
// Never looks into the file, and never draws.

import type { Code, Problem } from "./protocol/error";
import { retryAfter } from "./retry";

export interface Around {
  /** Where it goes, with the number under which it is known. */
  readonly url: string;
  readonly authorization?: string;
  readonly file: Blob;
  /** How much of it is on its way, or what became of it, is not what it was; also while it is being made. */
  changed(upload: Upload): void;
  /** It is a message of the chat. */
  done(): void;
}

export class Upload {
  readonly #around: Around;
  #request: XMLHttpRequest | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  /** How much of it has gone, from 0 to 1. */
  progress = 0;
  /** Why it is not taken: it stands still until somebody tries again. */
  problem: Code | null = null;

  constructor(around: Around) {
    this.#around = around;
    this.#send();
  }

  /** The network is back, or somebody asks for another try. */
  retry(): void {
    this.cancel();
    this.problem = null;
    this.#send();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    const request = this.#request;
    this.#request = null;
    request?.abort();
  }

  #send(): void {
    const { url, authorization, file } = this.#around;
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open("POST", url);
    if (authorization) request.setRequestHeader("Authorization", authorization);
    // Nobody else listens.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    request.upload.onprogress = ({ loaded }) => this.#is(loaded / Math.max(file.size, 1));
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    request.onloadend = () => {
      if (this.#request === request) this.#ended(request);
    };
    // Without a type of its own, the browser asks nothing about it beforehand.
    request.send(file.slice());
    this.#is(0);
  }

  #ended({ status, responseText }: XMLHttpRequest): void {
    this.#request = null;
    if (status === 204) {
      this.#around.done();
      return;
    }
    const problem = codeOf(responseText);
    // Both pass by themselves.
    if (!problem || problem === "too_many" || problem === "unavailable") this.#timer = setTimeout(() => this.#send(), retryAfter(this.#tries++, Math.random()));
    else this.problem = problem;
    this.#is(0);
  }

  #is(progress: number): void {
    this.progress = progress;
    this.#around.changed(this);
  }
}

/** The code of a refusal; `null` if nobody answered, or not the daemon. */
function codeOf(text: string): Code | null {
  try {
    return (JSON.parse(text) as Problem).code ?? null;
  } catch {
    return null;
  }
}

/** How long a file is, as people say it: `12 kB`. */
export function sizeOf(bytes: number, way?: string): string {
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : [1e6, "MB"];
  return `${(bytes / unit).toLocaleString(way, { maximumSignificantDigits: 2 })} ${name}`;
}
