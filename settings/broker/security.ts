/** Authorization, principals, encrypted dynamic passwords and delegation tokens. */
import { className, int, long, password, string } from '../definition';
import { atLeast, nonNull } from '../validators';

export const securityKeys = [
  string('authorizer.class.name', '', 'low', 'Class that decides who may do what; everything is allowed when empty.', {
    valid: nonNull,
  }),
  className(
    'principal.builder.class',
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
    'medium',
    'Class that derives the principal from a connection.',
    { update: 'per-broker' },
  ),
  string('security.providers', null, 'low', 'Classes of additional Java security providers.'),
  password('password.encoder.secret', null, 'medium', 'Secret with which passwords in ZooKeeper are encrypted.'),
  password(
    'password.encoder.old.secret',
    null,
    'medium',
    'The former secret, while passwords are being encrypted anew.',
  ),
  string(
    'password.encoder.keyfactory.algorithm',
    null,
    'low',
    'Algorithm that makes the encryption key from the secret; the best one available when not set.',
  ),
  string('password.encoder.cipher.algorithm', 'AES/CBC/PKCS5Padding', 'low', 'Cipher for those passwords.'),
  int('password.encoder.key.length', 128, 'low', 'Length of the encryption key in bits.', { valid: atLeast(8) }),
  int('password.encoder.iterations', 4096, 'low', 'Rounds when the encryption key is made.', { valid: atLeast(1024) }),
  password(
    'delegation.token.secret.key',
    null,
    'medium',
    'Secret that delegation tokens are signed with, the same on all brokers; no tokens when not set.',
  ),
  password('delegation.token.master.key', null, 'medium', 'Former name of `delegation.token.secret.key`.'),
  long('delegation.token.max.lifetime.ms', 604_800_000, 'medium', 'Age beyond which a token cannot be renewed.', {
    valid: atLeast(1),
  }),
  long('delegation.token.expiry.time.ms', 86_400_000, 'medium', 'How long a token lasts without renewal.', {
    valid: atLeast(1),
  }),
  long('delegation.token.expiry.check.interval.ms', 3_600_000, 'low', 'How often expired tokens are removed.', {
    valid: atLeast(1),
  }),
  long(
    'connections.max.reauth.ms',
    0,
    'medium',
    'When positive, connections must authenticate again after this time at the latest.',
  ),
] as const;
