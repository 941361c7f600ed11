"""A client of novalet in Python with pika, written from docs/messages.md alone.

    python3 novalet_client.py AMQP_URL HOST      spawns a guest, destroys it, and prints both results as JSON, a line each
"""

import json
import sys
import time
import uuid

import pika


class Novalet:
    """Sends commands to one host and waits for their replies."""

    def __init__(self, url, host):
        self.host = host
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.replies = self.channel.queue_declare("", exclusive=True).method.queue
        self.answers = {}
        self.channel.basic_consume(self.replies, self._answered, auto_ack=True)

    def _answered(self, _channel, _method, properties, body):
        # The same answer may come twice: the second one changes nothing.
        self.answers[properties.correlation_id] = json.loads(body)

    def call(self, command, body, queue="work", seconds=60):
        message_id = str(uuid.uuid4())
        self.channel.basic_publish(
            exchange="novalet.commands",
            routing_key=f"compute.{self.host}.{queue}",
            body=json.dumps(body).encode("utf-8"),
            mandatory=True,  # raises UnroutableError when there is no such host
            properties=pika.BasicProperties(
                type=command,
                message_id=message_id,
                reply_to=self.replies,
                content_type="application/json",
                delivery_mode=2,
                timestamp=int(time.time()),
                headers={"version": 1},
            ),
        )
        end = time.monotonic() + seconds
        while message_id not in self.answers:
            if time.monotonic() > end:
                raise TimeoutError(f"no answer to {command} within {seconds} s")
            self.connection.process_data_events(time_limit=1)
        return self.answers.pop(message_id)

    def close(self):
        self.connection.close()


def main(url, host):
    novalet = Novalet(url, host)
    instance_id = str(uuid.uuid4())
    wish = {"instance": {"id": instance_id, "name": 'Ünï "guest" <&> 😀', "vcpus": 1, "memoryMiB": 16}}
    print(json.dumps(novalet.call("instance.spawn", wish)))
    print(json.dumps(novalet.call("instance.destroy", {"instance": {"id": instance_id}}, queue="control")))
    novalet.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
