namespace PromptPilot.Core.Models.Faults;

/// <summary>Carries a fault recognized by the HTTP layer through the libraries above it to the gateway.</summary>
internal sealed class ModelFaultException(ModelFault fault) : Exception(fault.Message)
{
    public ModelFault Fault { get; } = fault;
}
