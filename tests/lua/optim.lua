-- Optimizers and rate schedules from a cell.
print(optim.AdamW())                         --> optim.AdamW{learning_rate = 0.001}
print(optim.RMSprop{0.01, momentum = 0.9})   --> optim.RMSprop{learning_rate = 0.01, momentum = 0.9}
print(optim.Adagrad{epsilon = 1e-3}.epsilon) --> 0.001
print(optim.SGD{clipnorm = 1}.clipnorm)      --> 1.0

optim.SGD{learning_rate = 0}                 --! learning_rate

optim.SGD{learning_rate = -1}                --! learning_rate

optim.Adam{clipnorm = 1, clipvalue = 1}      --! «clipnorm» y «clipvalue»

optim.Adam{beta1 = 0.9}                      --! ¿Querías decir «beta_1»?

s = optim.StepDecay{0.1, decay_steps = 2, decay_rate = 0.5}
print(s)                                     --> optim.StepDecay{initial_learning_rate = 0.1, decay_steps = 2, decay_rate = 0.5}
print(s:rate(1))                             --> 0.1
print(s:rate(5))                             --> 0.025

p = optim.PiecewiseConstant{boundaries = {2, 4}, values = {1, 0.5, 0.25}}
print(p)                                     --> optim.PiecewiseConstant{boundaries = {2, 4}, values = {1, 0.5, 0.25}}
print(p:rate(2))                             --> 1.0
print(p:rate(3))                             --> 0.5

optim.PiecewiseConstant{boundaries = {2, 4}, values = {1, 0.5}}  --! son 2 y deben ser 3

optim.PiecewiseConstant{boundaries = {4, 2}, values = {1, 0.5, 0.1}}  --! el número 2 es 2

optim.CosineDecay{0.1}                       --! decay_steps

-- the schedule is the optimizer's: each step has its rate
w = var(4)
o = optim.SGD{{w}, learning_rate = s}
print(o)                                     --> optim.SGD{learning_rate = optim.StepDecay{initial_learning_rate = 0.1, decay_steps = 2, decay_rate = 0.5}}
for i = 1, 3 do
  o:zero_grad()
  local y = 10 * w
  y:backward()
  o:step()
end
print(w:item())                              --> 1.5
print(o.learning_rate)                       --> 0.05

o.learning_rate = 1                          --! StepDecay

-- compile shares the optimizer with the student
m = nn.Sequential{nn.Input{2}, nn.Dense(1)}
o = optim.SGD{learning_rate = 0.5}
m:compile{optimizer = o, loss = "mse"}
o.learning_rate = 0.25
print(m.optimizer.learning_rate)             --> 0.25
m.optimizer.learning_rate = 0.125
print(o.learning_rate)                       --> 0.125

-- a second model gets its own
n = nn.Sequential{nn.Input{2}, nn.Dense(1)}
n:compile{optimizer = o, loss = "mse"}
n.optimizer.learning_rate = 1
print(o.learning_rate)                       --> 0.125
