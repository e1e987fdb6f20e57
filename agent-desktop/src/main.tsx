// Puts the desktop on the page.

import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/Tooltip.css";
import "./view/page.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { App } from "./view/App";
import { paintScheme, schemes } from "./scheme";
import { theme } from "./theme";
import { paintTheme } from "./variables";

// Before the first paint, so that a dark screen never flashes white.
paintScheme();
paintTheme(theme);

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      // Both are <style> elements: see variables.ts; the classes hide by width, which nothing here does.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Router base="/desktop">
        <App />
      </Router>
    </MantineProvider>
  </StrictMode>,
);
