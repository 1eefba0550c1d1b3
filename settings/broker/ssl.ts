/** TLS of the listeners, and of connections between brokers. */
import { boolean, className, list, password, string } from '../definition';
import { oneOf } from '../validators';

export const sslKeys = [
  string('ssl.keystore.location', null, 'medium', "File with this broker's certificate and private key.", {
    update: 'per-broker',
  }),
  password('ssl.keystore.password', null, 'medium', 'Password of the key store file.', { update: 'per-broker' }),
  string('ssl.keystore.type', 'JKS', 'medium', 'Format of the key store: JKS, PKCS12 or PEM.', {
    update: 'per-broker',
  }),
  password('ssl.keystore.key', null, 'medium', 'Private key itself, in PEM, instead of a file.', {
    update: 'per-broker',
  }),
  password('ssl.keystore.certificate.chain', null, 'medium', 'Certificate chain itself, in PEM, instead of a file.', {
    update: 'per-broker',
  }),
  password('ssl.key.password', null, 'medium', 'Password of the private key.', { update: 'per-broker' }),
  string('ssl.truststore.location', null, 'medium', 'File with the certificates that peers are checked against.', {
    update: 'per-broker',
  }),
  password('ssl.truststore.password', null, 'medium', 'Password of the trust store file.', { update: 'per-broker' }),
  string('ssl.truststore.type', 'JKS', 'medium', 'Format of the trust store: JKS, PKCS12 or PEM.', {
    update: 'per-broker',
  }),
  password(
    'ssl.truststore.certificates',
    null,
    'medium',
    'Trusted certificates themselves, in PEM, instead of a file.',
    { update: 'per-broker' },
  ),
  string(
    'ssl.client.auth',
    'none',
    'medium',
    'Whether clients must show a certificate: `required`, `requested` or `none`.',
    { update: 'per-broker', valid: oneOf('required', 'requested', 'none') },
  ),
  string('ssl.protocol', 'TLSv1.3', 'medium', 'TLS version to start with.', { update: 'per-broker' }),
  list('ssl.enabled.protocols', 'TLSv1.2,TLSv1.3', 'medium', 'TLS versions that may be negotiated.', {
    update: 'per-broker',
  }),
  list('ssl.cipher.suites', '', 'medium', "Cipher suites that may be negotiated; the platform's when empty.", {
    update: 'per-broker',
  }),
  string('ssl.provider', null, 'medium', "Java security provider for TLS; the platform's when not set.", {
    update: 'per-broker',
  }),
  string(
    'ssl.endpoint.identification.algorithm',
    'https',
    'low',
    'How the host name in a certificate is checked; empty switches the check off.',
    { update: 'per-broker' },
  ),
  string('ssl.secure.random.implementation', null, 'low', 'Source of randomness for TLS.', { update: 'per-broker' }),
  string('ssl.keymanager.algorithm', 'SunX509', 'medium', 'Java algorithm of the key manager.', {
    update: 'per-broker',
  }),
  string('ssl.trustmanager.algorithm', 'PKIX', 'medium', 'Java algorithm of the trust manager.', {
    update: 'per-broker',
  }),
  className('ssl.engine.factory.class', null, 'low', 'Class that makes TLS engines in its own way.', {
    update: 'per-broker',
  }),
  string(
    'ssl.principal.mapping.rules',
    'DEFAULT',
    'low',
    "Rules that turn a certificate's distinguished name into a short name.",
  ),
  boolean('ssl.allow.dn.changes', false, 'low', 'Let a reloaded key store have another distinguished name.'),
  boolean('ssl.allow.san.changes', false, 'low', 'Let a reloaded key store have other alternative names.'),
] as const;
