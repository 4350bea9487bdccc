"""Letters, over gRPC. The generated modules are made when the image is built."""

from concurrent import futures

import grpc
import mail_pb2
import mail_pb2_grpc


class Mail(mail_pb2_grpc.MailServicer):
    def Send(self, request, context):  # noqa: N802
        return mail_pb2.Receipt(id=self.Number(request))

    def Follow(self, request, context):  # noqa: N802
        yield mail_pb2.State(word="sent")

    def Number(self, request):  # noqa: N802
        return f"{len(request.text)}"


def serve() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    mail_pb2_grpc.add_MailServicer_to_server(Mail(), server)
    server.add_insecure_port("[::]:9000")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve()
