// Renders the table of docs/live.md until each cluster has answered or failed; prints its rows, what is missing, and what
// it shows when the connection is cut.
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
const until = async (isSo: () => unknown) => {
  while (!isSo()) await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
};
const count = () => main.querySelectorAll("tr").length;
const texts = (selector: string) => [...main.querySelectorAll(selector)].map((line) => line.textContent);
const isWhole = () => main.textContent?.includes(process.argv[2]!) && count() === Number(process.argv[3]);

await until(isWhole);
const missing = texts("p");
live.terminate();
await until(() => texts("[role=alert]").length > 0);
const cut = { rows: count(), problems: texts("[role=alert]") };
await until(() => texts("[role=alert]").length === 0 && isWhole());
console.log(JSON.stringify({ rows: count(), missing, first: main.querySelectorAll("td").length / count(), cut }));
await act(async () => root.unmount());
await live.dispose();
process.exit(0);
