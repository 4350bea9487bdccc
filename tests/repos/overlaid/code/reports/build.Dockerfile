FROM python:3.13-slim
COPY nightly.py /job/nightly.py
ENTRYPOINT ["python", "/job/nightly.py"]
