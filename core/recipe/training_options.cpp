// How a run trains, field by field.
#include "recipe/training_options.h"

namespace luthier {

namespace {}

void EarlyStoppingOptions::describe(OptionVisitor& v) {
  v.text({.key = "metric", .label = "Watch", .help = "The validation metric that has to improve."}, metric);
  v.integer({.key = "patience",
             .label = "Patience",
             .help = "Stop after so many evaluations in a row without improvement.",
             .unit = "evaluations",
             .min = 1,
             .max = 10000},
            patience);
  v.number({.key = "min_delta",
            .label = "Smallest improvement",
            .help = "A smaller one does not count.",
            .min = 0,
            .level = OptionLevel::advanced},
           min_delta);
}

void DistillationOptions::describe(OptionVisitor& v) {
  v.text({.key = "teacher",
          .label = "Teacher",
          .help = "The folder of a trained model with the same labels, or the same vocabulary.",
          .required = true},
         teacher);
  v.number({.key = "temperature",
            .label = "Temperature",
            .help = "Softens both models' probabilities, so that small ones count too.",
            .min = 0.1,
            .max = 100},
           temperature);
  v.number({.key = "weight",
            .label = "Weight",
            .help = "Of the teacher's part; the labels have the rest.",
            .min = 0,
            .max = 1},
           weight);
}

void TrainingOptions::describe(OptionVisitor& v) {
  v.number({.key = "epochs", .label = "Epochs", .help = "How often every row is seen.", .min = 0, .max = 100000},
           epochs);
  v.integer({.key = "max_steps",
             .label = "Steps at most",
             .help = "Ends the run after so many steps; 0: by epochs.",
             .unit = "steps",
             .min = 0,
             .max = 1e15,
             .level = OptionLevel::advanced},
            max_steps);
  v.integer({.key = "batch_size",
             .label = "Batch size",
             .help = "Rows a forward pass. Halve it when memory runs out.",
             .unit = "rows",
             .min = 1,
             .max = 65536},
            batch_size);
  v.integer({.key = "gradient_accumulation",
             .label = "Accumulate",
             .help = "Batches whose gradients make one step: a larger effective batch in the same memory.",
             .unit = "batches",
             .min = 1,
             .max = 65536,
             .level = OptionLevel::advanced},
            gradient_accumulation);
  v.number({.key = "learning_rate",
            .label = "Learning rate",
            .help = "Size of the steps: about 2e-4 for LoRA and heads, 2e-5 to 5e-5 for full fine-tuning.",
            .min = 0,
            .max = 10},
           learning_rate);
  v.choice({.key = "schedule",
            .label = "Schedule",
            .help = "How the learning rate falls after the warm-up.",
            .level = OptionLevel::advanced},
           {"linear", "cosine", "cosine_restarts", "polynomial", "inverse_sqrt", "one_cycle", "warmup_stable_decay",
            "plateau", "constant"},
           schedule);
  v.integer({.key = "schedule_cycles",
             .label = "Restarts",
             .help = "How often the cosine starts again from the top.",
             .min = 1,
             .max = 1000,
             .level = OptionLevel::advanced,
             .shown_when = "schedule=cosine_restarts"},
            schedule_cycles);
  v.number({.key = "schedule_power",
            .label = "Power",
            .help = "Of the polynomial: 1 falls evenly, 2 fast at first.",
            .min = 0.1,
            .max = 10,
            .level = OptionLevel::advanced,
            .shown_when = "schedule=polynomial"},
           schedule_power);
  v.number({.key = "decay_share",
            .label = "Falls in the last",
            .help = "Share of the run at its end in which the rate falls.",
            .min = 0,
            .max = 1,
            .level = OptionLevel::advanced,
            .shown_when = "schedule=warmup_stable_decay"},
           decay_share);
  v.number({.key = "final_rate_share",
            .label = "Final rate",
            .help = "Where the rate ends, as a share of the learning rate.",
            .min = 0,
            .max = 1,
            .level = OptionLevel::advanced},
           final_rate_share);
  v.integer({.key = "plateau_patience",
             .label = "Patience of the rate",
             .help = "Evaluations without improvement until the rate falls.",
             .unit = "evaluations",
             .min = 0,
             .max = 10000,
             .level = OptionLevel::advanced,
             .shown_when = "schedule=plateau"},
            plateau_patience);
  v.number({.key = "plateau_factor",
            .label = "Falls to",
            .help = "What the rate is multiplied by then.",
            .min = 0.01,
            .max = 0.99,
            .level = OptionLevel::advanced,
            .shown_when = "schedule=plateau"},
           plateau_factor);
  v.how_often({.key = "warmup",
               .label = "Warm-up",
               .help = "The learning rate rises from 0 for so long; as steps, epochs or a share of the run.",
               .level = OptionLevel::advanced},
              warmup);
  v.choice({.key = "optimizer",
            .label = "Optimizer",
            .help = "adamw_8bit keeps its moments in 8 bits: a quarter of their memory.",
            .level = OptionLevel::advanced},
           {"adamw", "adamw_8bit"}, optimizer);
  v.boolean({.key = "offload_optimizer",
             .label = "Optimizer on the processor",
             .help = "Keeps the optimizer's moments in main memory while a GPU computes: slower, less GPU memory.",
             .level = OptionLevel::advanced},
            offload_optimizer);
  v.number({.key = "weight_decay",
            .label = "Weight decay",
            .help = "Pulls weights towards 0 (Loshchilov and Hutter 2019); not norms and biases.",
            .min = 0,
            .max = 10,
            .level = OptionLevel::advanced},
           weight_decay);
  v.number({.key = "adam_beta1",
            .label = "Adam beta 1",
            .help = "Memory of the gradient's mean.",
            .min = 0,
            .max = 0.9999999,
            .level = OptionLevel::advanced},
           adam_beta1);
  v.number({.key = "adam_beta2",
            .label = "Adam beta 2",
            .help = "Memory of the gradient's square.",
            .min = 0,
            .max = 0.9999999,
            .level = OptionLevel::advanced},
           adam_beta2);
  v.number({.key = "adam_epsilon",
            .label = "Adam epsilon",
            .help = "Keeps the division finite.",
            .min = 0,
            .max = 1,
            .level = OptionLevel::advanced},
           adam_epsilon);
  v.number({.key = "max_grad_norm",
            .label = "Clip gradients at",
            .help = "Longer gradients are shortened; 0: never.",
            .min = 0,
            .level = OptionLevel::advanced},
           max_grad_norm);
  v.number({.key = "label_smoothing",
            .label = "Label smoothing",
            .help = "Share of the target that is spread over all labels, against over-confidence.",
            .min = 0,
            .max = 0.9,
            .level = OptionLevel::advanced},
           label_smoothing);
  v.number({.key = "dropout",
            .label = "Dropout",
            .help = "Replaces the rates of the model's config; -1: as it says there.",
            .min = -1,
            .max = 0.95,
            .level = OptionLevel::advanced},
           dropout);
  v.number(
      {.key = "embedding_noise",
       .label = "Noise on embeddings",
       .help = "NEFTune (Jain et al. 2023): noise on the tokens' vectors while training, against learning by heart; 5 "
               "is usual, 0 is off.",
       .min = 0,
       .max = 1000,
       .level = OptionLevel::advanced},
      embedding_noise);
  v.number({.key = "stay_near_base",
            .label = "Stay near the base",
            .help = "Pulls the trained weights towards where they started (L2-SP, Li et al. 2018), so that less is "
                    "forgotten; 0 is off.",
            .min = 0,
            .max = 100,
            .level = OptionLevel::advanced},
           stay_near_base);
  v.number(
      {.key = "average_decay",
       .label = "Average the weights",
       .help = "A moving average of the weights is evaluated and kept: 0.999 remembers about 1000 steps, 0 is off.",
       .min = 0,
       .max = 0.999999,
       .level = OptionLevel::advanced},
      average_decay);
  v.boolean({.key = "recompute",
             .label = "Recompute activations",
             .help = "Makes activations again in the backward pass instead of keeping them: much less memory, a third "
                     "slower.",
             .level = OptionLevel::advanced},
            recompute);
  v.options({.key = "distillation",
             .label = "Learn from a teacher",
             .help = "A larger model's probabilities are learned beside the labels.",
             .level = OptionLevel::advanced},
            distillation);
  v.choice({.key = "precision",
            .label = "Precision",
            .help = "Number type of the computation; auto: bf16 on a GPU that has it, else fp32.",
            .level = OptionLevel::advanced},
           {"auto", "fp32", "bf16", "fp16"}, precision);
  v.text({.key = "device", .label = "Device", .help = "auto, cpu, cuda or cuda:N.", .level = OptionLevel::advanced},
         device);
  v.integer({.key = "threads",
             .label = "Threads",
             .help = "Processor threads to compute with; 0: one a core.",
             .min = 0,
             .max = 4096,
             .level = OptionLevel::advanced},
            threads);
  v.choice(
      {.key = "batching",
       .label = "Batches",
       .help = "bucketed: rows of like length together, which wastes less; shuffled: purely at random; packed: rows "
               "one after another without padding, none sees another.",
       .level = OptionLevel::advanced},
      {"bucketed", "shuffled", "packed"}, batching);
  v.text(
      {.key = "batches_file",
       .label = "Batches from a file",
       .help =
           "A JSON list of lists of row numbers (from 0), one list an optimizer step: trains on exactly these, in this "
           "order. For comparing with another program.",
       .level = OptionLevel::advanced},
      batches_file);
  v.how_often(
      {.key = "evaluate_every", .label = "Evaluate every", .help = "How often the validation part is measured."},
      evaluate_every);
  v.how_often({.key = "checkpoint_every",
               .label = "Save every",
               .help = "How often the state is saved for a resume.",
               .level = OptionLevel::advanced},
              checkpoint_every);
  v.integer({.key = "log_every",
             .label = "Log every",
             .help = "How often loss and speed are recorded.",
             .unit = "steps",
             .min = 1,
             .max = 1000000,
             .level = OptionLevel::advanced},
            log_every);
  v.options({.key = "early_stopping", .label = "Stop early", .help = "Ends the run when it no longer gets better."},
            early_stopping);
  v.boolean({.key = "keep_best",
             .label = "Keep the best",
             .help = "End with the weights of the best evaluation.",
             .level = OptionLevel::advanced},
            keep_best);
  v.boolean({.key = "evaluate_base",
             .label = "Measure the base model",
             .help = "Evaluate the untouched model first, so that the gain can be seen.",
             .level = OptionLevel::advanced},
            evaluate_base);
}

}  // namespace luthier
