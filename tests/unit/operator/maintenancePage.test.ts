import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryDir } from "../../../infra/core/paths";
import { fillPage } from "../../../infra/operator/maintenance/page";

const page = (name: string) => readFileSync(join(repositoryDir, "infra/images/proxy/pages", name), "utf8");
const pages = { "503.html": page("503.html"), "style.html": page("style.html") };

describe("the maintenance page", () => {
  it("shows the message instead of its own words", () => {
    const html = fillPage(pages, "Back at <18:00> & better");
    expect(html).toContain("<p>Back at &lt;18:00&gt; &amp; better</p>");
    expect(html).not.toContain("Your data is safe");
  });
  it("shows its own words where there is no message", () => expect(fillPage(pages, "")).toContain("Your data is safe"));
  it("looks like the proxy's others", () => expect(fillPage(pages, "")).toContain("--accent"));
  it("leaves nothing of the template", () => {
    for (const message of ["", "Soon."]) expect(fillPage(pages, message)).not.toMatch(/{{|}}/);
  });
  it("takes a message for what it is: text, not a pattern to replace by", () => {
    expect(fillPage({ "503.html": "{{ .Message }}" }, "$& {{ .Message }}")).toBe("$&amp; {{ .Message }}");
  });
});
