/** The token: where it is from, who can read it, and when a kept one is not trusted. */
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isToken, loadToken } from '../../../../coordinator/http/token';
import { parseCoordinatorConfig } from '../../../../settings/coordinator';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gregor-token-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const load = (settings: Record<string, string> = {}) =>
  loadToken(parseCoordinatorConfig(new Map(Object.entries({ 'data.dir': join(directory, 'data'), ...settings }))));

const file = () => join(directory, 'data', 'token');
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('the token', () => {
  it('is made at the first start, for the eyes of the user alone, and kept for the next', async () => {
    const { token } = await load();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await modeOf(file())).toBe(0o600);
    expect(await modeOf(join(directory, 'data'))).toBe(0o700);
    expect((await readFile(file(), 'utf8')).trim()).toBe(token);
    expect(await load()).toEqual({ token, file: file() });
  });

  it('is the configured one where there is one, and then no file is made', async () => {
    expect(await load({ 'actions.token': 'mine' })).toEqual({ token: 'mine', file: null });
    await expect(stat(file())).rejects.toThrow(/ENOENT/);
  });

  it('is made anew when others could have read or written the file, or it holds none', async () => {
    const { token } = await load();
    await chmod(file(), 0o644);
    const second = await load();
    expect(second.token).not.toBe(token);
    expect(await modeOf(file())).toBe(0o600);
    await writeFile(file(), 'short\n');
    expect((await load()).token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('is not read or written through a link', async () => {
    await load();
    const target = join(directory, 'target');
    const planted = 'A'.repeat(43);
    await writeFile(target, planted, { mode: 0o600 });
    await rm(file());
    await symlink(target, file());
    expect((await load()).token).not.toBe(planted);
    expect(await readFile(target, 'utf8')).toBe(planted);
  });

  it('lies in a folder that others cannot write to', async () => {
    await load();
    await chmod(join(directory, 'data'), 0o777);
    await load();
    expect(await modeOf(join(directory, 'data'))).toBe(0o755);
  });

  it('is compared as a whole', () => {
    expect(isToken('abc', 'abc')).toBe(true);
    for (const given of ['', 'ab', 'abcd', 'abC']) expect([given, isToken(given, 'abc')]).toEqual([given, false]);
    expect(isToken('', '')).toBe(false);
  });
});
