import type { Output } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PluginStack } from "../support/pluginStack";

/** The plugin `random` on the real engine: every type that it serves, from its first preview to its end. */
let stack: PluginStack;
beforeAll(async () => void (stack = await PluginStack.create()));
afterAll(() => stack.remove());

/** Values that were known while a program ran. */
let seen: unknown[] = [];
const note = <T>(value: Output<T>): Output<T> => {
  value.apply((known) => seen.push(known));
  return value;
};

/** All types; another keeper asks for new values. */
const program = (keeper: string) => () => {
  seen = [];
  const keepers = { keeper };
  const password = new random.RandomPassword("password", { length: 24, special: false, keepers });
  return Promise.resolve({
    password: note(password.result),
    string: note(new random.RandomString("string", { length: 10, upper: false, special: false, keepers }).result),
    id: note(new random.RandomId("id", { byteLength: 4, prefix: "a-", keepers }).hex),
    uuid: note(new random.RandomUuid("uuid", { keepers }).result),
    pet: note(new random.RandomPet("pet", { length: 3, separator: "_", keepers }).id),
    bytes: note(new random.RandomBytes("bytes", { length: 16, keepers }).base64),
    integer: note(new random.RandomInteger("integer", { min: 5, max: 500_000, keepers }).result),
    shuffle: note(new random.RandomShuffle("shuffle", { inputs: ["x", "y", "z"], keepers }).results),
  });
};
const types = 8;
let first: Record<string, { value: unknown; secret: boolean }>;

it("knows no value before the resources exist", async () => {
  const { changes } = await stack.preview(program("1"));
  expect(changes).toEqual({ create: types });
  expect(seen).toEqual([]);
});

it("creates values of the form asked for", async () => {
  const { changes, outputs } = await stack.up(program("1"));
  expect(changes).toEqual({ create: types });
  expect(seen).toHaveLength(types);
  first = outputs;
  const value = (name: string) => outputs[name]?.value;
  expect(value("password")).toMatch(/^[A-Za-z0-9]{24}$/);
  expect(value("string")).toMatch(/^[a-z0-9]{10}$/);
  expect(value("id")).toMatch(/^a-[0-9a-f]{8}$/);
  expect(value("uuid")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(value("pet")).toMatch(/^[a-z]+_[a-z]+_[a-z]+$/);
  expect(Buffer.from(value("bytes") as string, "base64")).toHaveLength(16);
  expect(value("integer")).toBeGreaterThanOrEqual(5);
  expect([...(value("shuffle") as string[])].sort()).toEqual(["x", "y", "z"]);
});

it("keeps passwords and bytes as secrets, encrypted on the disk", () => {
  const secrets = Object.keys(first).filter((name) => first[name]?.secret);
  expect(secrets.sort()).toEqual(["bytes", "password"]);
  const text = stack.stateFile();
  expect(text).toContain(first.pet?.value);
  expect(text).not.toContain(first.password?.value);
  const [kept] = stack.kept("random:index/randomPassword:RandomPassword");
  expect(kept?.id).toBe("none");
  for (const output of ["result", "bcryptHash"]) expect(kept?.outputs?.[output]).toHaveProperty("ciphertext");
});

it("changes nothing by itself", async () => {
  expect((await stack.refresh()).changes).toEqual({ same: types });
  const again = await stack.up(program("1"));
  expect(again.changes).toEqual({ same: types });
  expect(again.outputs).toEqual(first);
});

it("replaces every value when its keeper changes", async () => {
  const { changes, outputs } = await stack.up(program("2"));
  expect(changes).toEqual({ replace: types });
  for (const name of ["password", "string", "id", "uuid", "bytes"]) {
    expect(outputs[name]?.value, name).not.toEqual(first[name]?.value);
  }
});

it("refuses values that can't be", async () => {
  const impossible = () => Promise.resolve({ it: new random.RandomPassword("password", { length: 3, minUpper: 4 }) });
  await expect(stack.preview(impossible)).rejects.toThrow(/length/);
});

it("removes all of them", async () => {
  expect((await stack.destroy()).changes).toEqual({ delete: types });
});
