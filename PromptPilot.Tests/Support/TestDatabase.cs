using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Tests.Support;

/// <summary>A fresh database with the latest schema and the services a test asks for, without a web host.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string FileName = "promptpilot.db";

    private readonly TempDirectory _directory;
    private readonly ServiceProvider _services;

    private TestDatabase(TempDirectory directory, string? postgres, Action<IServiceCollection> add)
    {
        _directory = directory;
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider, MicrosecondClock>();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddLogging();
        services.AddDatabase(directory.File(FileName), postgres);
        services.TryAddSingleton<Sessions>();
        services.TryAddSingleton<Access>();
        services.TryAddSingleton<Operations>();
        add(services);
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public IDbContextFactory<PromptPilotDbContext> Contexts => Get<IDbContextFactory<PromptPilotDbContext>>();

    /// <summary>Makes the file, with the latest schema.</summary>
    /// <param name="add">Adds the features under test; what is registered last wins.</param>
    public static async Task<TestDatabase> CreateAsync(Action<IServiceCollection> add)
    {
        var directory = new TempDirectory();
        var postgres = await DatabaseTemplate.PrepareAsync(directory.File(FileName));
        return new TestDatabase(directory, postgres, add);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<TestPerson> AddPersonAsync(Role role, Permission scope = Permission.Admin) => TestPeople.CreateAsync(Contexts, role, scope);

    /// <summary>Saves rows as they are.</summary>
    public async Task SaveAsync(params object[] rows)
    {
        await using var db = await Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        db.AddRange(rows);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var db = await Contexts.CreateDbContextAsync())
        {
            DatabaseTemplate.Close(db);
        }

        await _services.DisposeAsync();
        await PostgresDatabase.DropAsync(_directory.File(FileName));
        _directory.Dispose();
    }
}
