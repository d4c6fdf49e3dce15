using System.Collections;
using System.Reflection;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>All that the public services can be asked, found by reflection.</summary>
internal static class ServiceMethods
{
    public static IEnumerable<MethodInfo> All() =>
        typeof(Actor)
            .Assembly.GetTypes()
            .Where(type => type.IsPublic && type.IsClass && type.Name.EndsWith("Service", StringComparison.Ordinal))
            .SelectMany(type =>
                type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            )
            .Where(method => !method.IsSpecialName);

    /// <summary>Calls a method of the service that the portal has.</summary>
    /// <param name="argument">For each parameter.</param>
    /// <returns>Why it was refused, or what came of it.</returns>
    public static async Task<(Problem? Problem, object? Value)> CallAsync(
        IServiceProvider services,
        MethodInfo method,
        Func<ParameterInfo, object?> argument
    )
    {
        var service =
            services.GetService(method.DeclaringType!) ?? throw new InvalidOperationException($"{method.DeclaringType} is not registered.");
        var task = (Task)method.Invoke(service, [.. method.GetParameters().Select(argument)])!;
        await task;
        var result = task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task)!;
        var problem = (Problem?)result.GetType().GetProperty("Problem")!.GetValue(result);
        return (problem, problem is null ? result.GetType().GetProperty("Value")!.GetValue(result) : null);
    }

    public static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    /// <summary>Something of the type that names nothing that exists.</summary>
    public static object? Dummy(Type type)
    {
        if (type == typeof(string))
        {
            return "missing";
        }

        if (type == typeof(Stream))
        {
            return new MemoryStream();
        }

        if (type == typeof(CancellationToken))
        {
            return TestContext.Current.CancellationToken;
        }

        if (Nullable.GetUnderlyingType(type) is not null)
        {
            return null;
        }

        if (type == typeof(ScheduleSettings))
        {
            return new ScheduleSettings { Cron = "0 9 * * *", TimeZone = "UTC" };
        }

        if (type == typeof(PageRequest))
        {
            return new PageRequest();
        }

        if (
            type.IsValueType
            && (
                type.IsPrimitive
                || type.IsEnum
                || type == typeof(TimeSpan)
                || type == typeof(DateTime)
                || type == typeof(decimal)
                || type == typeof(JsonElement)
            )
        )
        {
            return Activator.CreateInstance(type);
        }

        if (typeof(IEnumerable).IsAssignableFrom(type))
        {
            return Empty(type);
        }

        // A record: by the constructor with the most parameters; what is optional keeps its default.
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        return constructor.Invoke([
            .. constructor
                .GetParameters()
                .Select(p =>
                    p.HasDefaultValue && p.DefaultValue is not DBNull
                        ? p.DefaultValue ?? DefaultOf(p.ParameterType)
                        : Dummy(p.ParameterType)
                ),
        ]);
    }

    private static object? DefaultOf(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    private static object Empty(Type type)
    {
        var arguments = type.GetGenericArguments();
        var made = arguments.Length == 2 ? typeof(Dictionary<,>).MakeGenericType(arguments) : typeof(List<>).MakeGenericType(arguments);
        return Activator.CreateInstance(made)!;
    }
}
