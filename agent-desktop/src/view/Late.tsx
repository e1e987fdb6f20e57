// What is loaded only when it is wanted, and what becomes of it when it cannot be: nothing else goes with it.

import { Component, Suspense, useEffect, type ReactNode } from "react";

interface Props {
  /** It could not be loaded. */
  onFail(): void;
  children: ReactNode;
}

export class Late extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    this.props.onFail();
    this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? null : <Suspense>{this.props.children}</Suspense>;
  }
}

/** Loads it once the page has nothing else to do: it is there also when the daemon is not. */
export function useEarly(loads: readonly (() => Promise<unknown>)[]): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      // What cannot be loaded now is tried again when it is wanted.
      for (const load of loads) load().catch(() => undefined);
    }, 2_000);
    return () => clearTimeout(timer);
  }, [loads]);
}
