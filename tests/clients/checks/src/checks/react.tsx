// Renders the table of docs/live.md until each cluster has answered or failed; prints its rows and what is missing.
import { JSDOM } from "jsdom";
import { act } from "react";
import { live } from "../live";
import { PodTable } from "../PodTable";

const { window } = new JSDOM("<main></main>");
const { document, navigator } = window;
for (const [name, value] of Object.entries({ window, document, navigator, IS_REACT_ACT_ENVIRONMENT: true })) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
const { createRoot } = await import("react-dom/client");

const main = document.querySelector("main")!;
const root = createRoot(main);
await act(async () => root.render(<PodTable namespace="checkout" />));
while (!main.textContent?.includes(process.argv[2]!)) await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
const count = () => main.querySelectorAll("tr").length;
while (count() < Number(process.argv[3])) await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
const missing = [...main.querySelectorAll("p")].map((line) => line.textContent);
console.log(JSON.stringify({ rows: count(), missing, first: main.querySelectorAll("td").length / count() }));
await act(async () => root.unmount());
await live.dispose();
process.exit(0);
