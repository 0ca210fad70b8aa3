"""An app with a mistake: a parameter that no binding fills. One such function fails the whole load."""

import azure.functions as func

app = func.FunctionApp()


@app.function_name("tidy")
@app.timer_trigger(schedule="0 0 3 * * *", arg_name="timer")
def tidy(timer: func.TimerRequest, nobody: str) -> None:
    """Never runs."""
