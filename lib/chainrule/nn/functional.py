"""Every function of :mod:`chainrule.functional`, lifted to tensors, under the same name.

A tensor in, a tensor out; the formulas, shapes and errors are those of the function that is lifted.
"""

from chainrule.autograd import lift

from chainrule import functional

add = lift(functional.add)
sub = lift(functional.sub)
mul = lift(functional.mul)
div = lift(functional.div)
neg = lift(functional.neg)
exp = lift(functional.exp)
log = lift(functional.log)
sqrt = lift(functional.sqrt)
matmul = lift(functional.matmul)
sum = lift(functional.sum)
mean = lift(functional.mean)
reshape = lift(functional.reshape)
transpose = lift(functional.transpose)
index = lift(functional.index)
concatenate = lift(functional.concatenate)
affine = lift(functional.affine)
relu = lift(functional.relu)
sigmoid = lift(functional.sigmoid)
tanh = lift(functional.tanh)
leaky_relu = lift(functional.leaky_relu)
elu = lift(functional.elu)
softplus = lift(functional.softplus)
silu = lift(functional.silu)
gelu = lift(functional.gelu)
glu = lift(functional.glu)
swiglu = lift(functional.swiglu)
softmax = lift(functional.softmax)
log_softmax = lift(functional.log_softmax)
mse_loss = lift(functional.mse_loss)
binary_cross_entropy_with_logits = lift(functional.binary_cross_entropy_with_logits)
cross_entropy = lift(functional.cross_entropy)
conv1d = lift(functional.conv1d)
conv2d = lift(functional.conv2d)
conv_transpose2d = lift(functional.conv_transpose2d)
max_pool2d = lift(functional.max_pool2d)
avg_pool2d = lift(functional.avg_pool2d)
adaptive_avg_pool2d = lift(functional.adaptive_avg_pool2d)
max_pool1d = lift(functional.max_pool1d)
avg_pool1d = lift(functional.avg_pool1d)
