"""What one would write in an afternoon: a FastAPI route around transformers' pipeline. Compared by `service_load.py`.

python benchmarks/plain_service.py CHECKPOINT PORT
"""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

app = FastAPI()
classify = pipeline("text-classification", model=sys.argv[1], device=-1, top_k=None)


class Item(BaseModel):
    text: str


@app.get("/health")
def health() -> dict[str, str]:
    """Up."""
    return {"status": "ok"}


@app.post("/classify")
def route(item: Item) -> list[dict[str, object]]:
    """Every label with its score."""
    result: list[dict[str, object]] = classify(item.text, truncation=True, max_length=224)[0]
    return result


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
