import { isDebianLike } from '../../../supervisor/system-packages';

describe('what may be installed', () => {
  it('knows Debian and Ubuntu and their relatives by os-release', () => {
    expect(isDebianLike('NAME="Debian GNU/Linux"\nID=debian\n')).toBe(true);
    expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
    expect(isDebianLike('ID=alpine\nHOME_URL="https://debian.example"\n')).toBe(false);
    expect(isDebianLike('')).toBe(false);
  });
});
