// What the loader hands to the app: the place in the company's page, and the snippet's attributes.
// Types only, so that the loader carries none of the app's code.

export interface Mount {
  /** The element in the company's page; everything else is inside its shadow root. */
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  /** The chat button. The loader draws it, the app says what it does from then on. */
  readonly button: HTMLButtonElement;
  /** Where the daemon is: the origin that served the script. */
  readonly origin: string;
  /** Which chat service: `data-token` (R4). */
  readonly token: string;
  /** `data-language`, if the company set it. */
  readonly language: string | undefined;
  /** Called when the page had taken the widget out and it is there again; perhaps without any of its event handlers. */
  back: () => void;
}

/** `clicked` is false when a page change brings a running chat back. */
export type Start = (mount: Mount, clicked: boolean) => void;
