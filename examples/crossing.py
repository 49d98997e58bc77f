"""What may Trainium cost for AWS to lead Azure? pandas on the results.parquet of a sweep.

    cloudmarket sweep examples/trainium-price.ron --no-charts --out /tmp/sweep
    python examples/crossing.py /tmp/sweep/trainium-price

The last lines check the figures against the simulator's own summary.csv.
"""

import sys

import pandas as pd


def crossing(leads):
    """Where a line through the points first goes from a lead to none; None if it never does."""
    prices, values = list(leads.index), list(leads)
    for (x0, y0), (x1, y1) in zip(zip(prices, values), zip(prices[1:], values[1:])):
        if y0 > 0 >= y1:
            return x0 + (x1 - x0) * y0 / (y0 - y1)
    return None


def main(folder):
    runs = pd.read_parquet(f"{folder}/results.parquet")
    runs = runs[(runs["outcome"] == "aws-lead") & (runs["status"] == "finished")]
    table = runs.pivot(index="trainium_price", columns="replication", values="value")
    told = pd.DataFrame({"mean": 100 * table.mean(axis=1), "least": 100 * table.min(axis=1), "greatest": 100 * table.max(axis=1)})
    told["leads in"] = (table > 0).sum(axis=1)
    print(f"AWS's lead over Azure in AI revenue in 2030, points, and in how many of {table.shape[1]} replications it leads,")
    print("by the price of Trainium3 to 5, times the baseline's:")
    print(told.round(2).to_string())
    at = crossing(told["mean"])
    print("in the mean AWS " + (f"leads below a price of {at:.2f}" if at is not None else "never loses or wins the lead"))
    check(told["mean"] / 100, folder)


def check(means, folder):
    summary = pd.read_csv(f"{folder}/summary.csv")
    own = summary[summary["outcome"] == "aws-lead"].set_index("trainium_price")["mean"]
    off = (means - own).abs()
    if len(own) == 0 or len(off) != len(own) or not (off < 1e-12).all():
        sys.exit(f"the means are not those of summary.csv:\n{off}")
    print(f"all {len(own)} means are those of summary.csv")


if __name__ == "__main__":
    main(sys.argv[1])
