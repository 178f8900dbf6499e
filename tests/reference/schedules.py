"""Expected numbers of tests/core/recipe/schedule_test.cpp, by transformers and torch: the factor of some steps of a run of
100 steps with 10 of warm-up. Luthier's warm-up gives step k what transformers gives step k + 1; behind it they agree."""
import torch
from transformers import optimization as o


def factors(make, steps=(0, 4, 9, 10, 25, 33, 50, 77, 90, 99)):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(101):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < 100:
            schedule.step()
    return [repr(rates[s]) for s in steps]


W, N = 10, 100
print("linear", factors(lambda x: o.get_linear_schedule_with_warmup(x, W, N)))
print("cosine", factors(lambda x: o.get_cosine_schedule_with_warmup(x, W, N)))
print("cosine, final 0.1", factors(lambda x: o.get_cosine_with_min_lr_schedule_with_warmup(x, W, N, min_lr_rate=0.1)))
print("cosine_restarts 3", factors(lambda x: o.get_cosine_with_hard_restarts_schedule_with_warmup(x, W, N, num_cycles=3)))
print("polynomial 2, final 0.1", factors(lambda x: o.get_polynomial_decay_schedule_with_warmup(x, W, N, lr_end=0.1, power=2.0)))
print("inverse_sqrt", factors(lambda x: o.get_inverse_sqrt_schedule(x, W)))
print("warmup_stable_decay 0.2", factors(lambda x: o.get_wsd_schedule(x, W, 20, num_training_steps=N)))
print("warmup_stable_decay 0.2, final 0.1", factors(lambda x: o.get_wsd_schedule(x, W, 20, num_training_steps=N, min_lr_ratio=0.1)))
print("one_cycle", factors(lambda x: torch.optim.lr_scheduler.OneCycleLR(x, 1.0, N, pct_start=W / N, cycle_momentum=False)))
