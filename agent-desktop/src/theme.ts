// Colours and sizes of the components; the surfaces and states are in view/page.css.

import { createTheme, type MantineColorsTuple, Tooltip } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e5f6f7", "#d0eaec", "#a3d5d9", "#73bfc5", "#4cacb4", "#339fa8", "#1e929c", "#0f8089", "#0b7179", "#045e66",
];

/** A dark that leans to blue like the surfaces do. */
const dark: MantineColorsTuple = [
  "#d3dbe1", "#b4c0c9", "#94a3ae", "#6b7b87", "#46545f", "#35424c", "#2a343c", "#1c242b", "#161d23", "#11171c",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 8, dark: 8 },
  colors: { petrol, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Helvetica Neue", sans-serif',
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: { Tooltip: Tooltip.extend({ defaultProps: { portalProps: { target: "#tips" } } }) },
});
