"""Every night: new product photos -> sizes, colours, duplicates, one table for the shop."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.python import PythonOperator
from imagery.colours import add_colours
from imagery.duplicates import mark_duplicates
from imagery.load import write_table
from imagery.photos import list_new, make_sizes

with DAG(
    dag_id="product_images",
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
) as dag:
    listed = PythonOperator(task_id="list_new", python_callable=list_new)
    sizes = PythonOperator(task_id="make_sizes", python_callable=make_sizes)
    colours = PythonOperator(task_id="add_colours", python_callable=add_colours)
    duplicates = PythonOperator(task_id="mark_duplicates", python_callable=mark_duplicates)
    table = PythonOperator(task_id="write_table", python_callable=write_table)

    listed >> sizes >> [colours, duplicates] >> table
