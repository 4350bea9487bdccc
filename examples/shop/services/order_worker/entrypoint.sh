#!/bin/sh
set -e

wait_for_broker() {
    until python -c "import redis, os; redis.Redis.from_url(os.environ['BROKER_URL']).ping()"; do
        sleep 1
    done
}

case "$1" in
    worker)
        wait_for_broker
        exec celery -A order_worker.app worker --loglevel=INFO --concurrency="${CONCURRENCY:-8}" -Q orders,mail
        ;;
    shell)
        exec python -i -c "from order_worker.app import app"
        ;;
    *)
        exec "$@"
        ;;
esac
