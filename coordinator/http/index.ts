/** The HTTP interface: everything that other folders use of it. */
export { ApiError } from './api-error';
export { createApp } from './app';
export { kafkaApiError } from './error-answers';
export { listen, type HttpServer } from './listen';
export { openApiDocument } from './openapi';
export type { Route } from './route';
export { routesOf } from './routes';
export { loadToken, type Token } from './token';
