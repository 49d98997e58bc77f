"""Does it pay AWS to sell compute 15 % cheaper from 2027 on? The EMA Workbench asks over uncertain futures.

    python examples/explore.py PROGRAM [FUTURES]

PROGRAM is the simulator, target/release/cloudmarket. Run from the root of the repository. Each experiment is one call:
parameters in by --set-file, outcomes out as JSON. The last lines check the first experiment against a run of its own.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from ema_workbench import Model, Policy, RealParameter, ScalarOutcome, perform_experiments

HERE = pathlib.Path(__file__).parent
SCENARIO = HERE.parent / "scenarios" / "baseline.ron"
REPLICATIONS = "2"


def point(chatgpt_reach_m, elasticity, power_delay_months, price_factor):
    """The fields that an experiment sets. What JSON has no form for is a string, as after --set PATH=."""
    return {
        "horizon.end": "2030-12-31",
        "products.chatgpt.ceiling_m": float(chatgpt_reach_m),
        "segments.*.elasticity": float(elasticity),
        "power.extra_months": f'Steps([("2023-01-01", 0), ("2026-07-01", {float(power_delay_months)})])',
        "clouds.aws.price_factor": f'Steps([("2023-01-01", 1), ("2027-01-01", {float(price_factor)})])',
    }


def call(arguments, parameters):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "point.json"
        file.write_text(json.dumps(point(**parameters)))
        command = [PROGRAM, "run", SCENARIO, "--set-file", file, "--replications", REPLICATIONS, "--quiet", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"experiment {parameters}:\n{done.stderr}")
        return json.loads(done.stdout)[0] if "--json" in arguments else None


def simulate(**parameters):
    result = call(["--outcomes", HERE / "outcomes.ron", "--no-files", "--json"], parameters)
    means = {name: outcome["mean"] for name, outcome in result["outcomes"].items()}
    return {"revenue_bn": means["aws-revenue"] / 1e9, "lead": means["aws-lead"]}


def check(parameters, lead):
    """The lead of an experiment is the mean of the months of 2030 in the tables of a run of the same parameters."""
    with tempfile.TemporaryDirectory() as out:
        call(["--out", out, "--no-charts"], parameters)
        with open(f"{out}/baseline/summary.csv", newline="") as file:
            rows = [r for r in csv.DictReader(file) if r["metric"] == "share_revenue" and r["date"] >= "2030"]
    mean = {cloud: sum(float(r["mean"]) for r in rows if r["entity"] == cloud) / 12 for cloud in ("aws", "azure")}
    expected = mean["aws"] - mean["azure"]
    if abs(lead - expected) > 1e-12:
        sys.exit(f"the first experiment has a lead of {lead}, and the tables of a run of it {expected}")
    print(f"the first experiment and the tables of a run of it have the same lead, {lead:+.4f}")


def main(futures):
    model = Model("cloudmarket", function=simulate)
    model.uncertainties = [
        RealParameter("chatgpt_reach_m", 900, 2100),
        RealParameter("elasticity", -0.7, -0.15),
        RealParameter("power_delay_months", 0, 18),
    ]
    model.levers = [RealParameter("price_factor", 0.8, 1.0)]
    model.outcomes = [ScalarOutcome("revenue_bn"), ScalarOutcome("lead")]
    policies = [Policy("list price", price_factor=1.0), Policy("15 % cheaper", price_factor=0.85)]
    np.random.seed(1)  # what the workbench draws futures by: the same each time
    experiments, outcomes = perform_experiments(model, futures, policies)
    table = experiments.assign(**outcomes)
    by_future = table.pivot(index="scenario", columns="policy", values=["revenue_bn", "lead"])
    gain = by_future["revenue_bn"]["15 % cheaper"] - by_future["revenue_bn"]["list price"]
    uncertain = [uncertainty.name for uncertainty in model.uncertainties]
    told = table[table["policy"] == "list price"].set_index("scenario")[uncertain].astype(float)
    told = told.assign(revenue_bn=by_future["revenue_bn"]["list price"], gain_bn=gain)
    told["gain in lead"] = 100 * (by_future["lead"]["15 % cheaper"] - by_future["lead"]["list price"])
    print("AWS's AI revenue in 2030, and what 15 % off from 2027 on adds to it [bn USD] and to its lead over Azure [points]:")
    with pd.option_context("display.width", 120, "display.max_columns", None):
        print(told.astype(float).sort_values("gain_bn").round(3).to_string(index=False))
    print(f"15 % off pays in {(gain > 0).sum()} of {len(gain)} futures; in the mean it adds {gain.mean():+.2f} bn USD")
    print(f"that rests on {REPLICATIONS} replications of each: what luck adds to it only more of them would tell")
    first = table.iloc[0]
    check({name: float(first[name]) for name in [*uncertain, "price_factor"]}, float(first["lead"]))


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    main(int(sys.argv[2]) if len(sys.argv) > 2 else 6)
