/**
 * Names inside paths and quota keys: user principals and client ids are URL-encoded, so that no name can leave its
 * directory. Topic names and broker ids are used as they are. Source: org.apache.kafka.common.utils.Sanitizer.
 */

/** Half of a surrogate pair: Java encodes it as a question mark, encodeURIComponent throws. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What encodeURIComponent leaves alone and java.net.URLEncoder, or Kafka after it, does not. */
const LEFT_ALONE = /[!'()*~]/g;

/** Form encoding as java.net.URLEncoder does it, but with `+` as `%20` and `*` as `%2A`. */
export function sanitize(name: string): string {
  return encodeURIComponent(name.replace(LONE_SURROGATE, '?')).replace(
    LEFT_ALONE,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The inverse of sanitize; `+` counts as a space, as java.net.URLDecoder has it. */
export function desanitize(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '));
}
