/** Environment variable in which the test runner hands its RabbitMQ node to the test files: RabbitmqAddress as JSON. */
export const SHARED_RABBITMQ = 'TEST_RABBITMQ';
