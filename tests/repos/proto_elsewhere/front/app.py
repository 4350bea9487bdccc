"""Asks the mail service, and a depot that is written in another language."""

import os

import grpc
import mail_pb2
import mail_pb2_grpc
from flask import Flask

app = Flask(__name__)
mail = mail_pb2_grpc.MailStub(grpc.insecure_channel(os.environ["MAIL_ADDR"]))
depot = mail_pb2_grpc.DepotStub(grpc.insecure_channel("depot:9000"))


@app.post("/send")
def send() -> str:
    depot.Take(mail_pb2.Parcel(id="1"))
    return str(mail.Send(mail_pb2.Letter(to="a", text="b")).id)
