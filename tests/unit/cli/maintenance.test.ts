import { describe, expect, it } from "vitest";
import { checked } from "../../../infra/cli/maintenance";
import { maintenanceText } from "../../../infra/cli/maintenanceText";

describe("what maintenance is asked for", () => {
  it("is a message and addresses", () => {
    expect(checked("on", { stack: "prod", message: "Soon.", allow: ["203.0.113.0/24"] })).toEqual({
      message: "Soon.",
      allow: ["203.0.113.0/24"],
    });
  });
  it("may be neither, or its end", () => {
    expect(checked("on", { stack: "prod" })).toEqual({ message: "", allow: [] });
    expect(checked("off", { stack: "prod" })).toBeUndefined();
  });
  it("is refused with all that is wrong", () => {
    expect(() => checked("onn", { stack: "prod", allow: ["example.com", "10.0.0.1", "1.2.3.4/99"] })).toThrow(
      /on or off[\s\S]*"onn"[\s\S]*"example.com"[\s\S]*"1.2.3.4\/99"/,
    );
    expect(() => checked("off", { stack: "prod", message: "Soon." })).toThrow(/no --message and no --allow/);
  });
});

describe("an environment's maintenance", () => {
  const state = {
    since: "2026-11-23T18:00:00Z",
    author: { user: "anna", host: "laptop", commit: "" },
    message: "",
    allow: [],
  };
  it("is told in a few words", () => {
    expect(maintenanceText(state)).toMatch(/^since 2026-11-2\d \d\d:\d\d by anna@laptop; nobody is let through$/);
    expect(maintenanceText({ ...state, message: "Soon.", allow: ["10.0.0.1"] })).toMatch(
      /by anna@laptop, "Soon."; let through: 10.0.0.1$/,
    );
  });
});
