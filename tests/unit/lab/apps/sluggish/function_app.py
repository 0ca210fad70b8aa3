"""An app whose function outlasts functionTimeout until somebody opens its gate."""

import threading

import azure.functions as func

app = func.FunctionApp()
gate = threading.Event()


@app.function_name("dawdle")
@app.route(route="dawdle", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def dawdle(req: func.HttpRequest) -> func.HttpResponse:
    gate.wait(20)
    print("through the gate")  # noqa: T201  what the process says in the end
    return func.HttpResponse("late")


@app.function_name("open_gate")
@app.route(route="gate", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def open_gate(req: func.HttpRequest) -> func.HttpResponse:
    gate.set()
    return func.HttpResponse("open")
